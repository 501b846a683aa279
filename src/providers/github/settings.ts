/** How Boon speaks for its GitHub App. */
export interface GithubSettings {
  appId: number;
  /** PEM. */
  privateKey: string;
  clientId: string;
  clientSecret: string;
  /** Of the REST API, without a slash at its end. */
  apiUrl: string;
  /** Of the pages people see. */
  url: string;
}

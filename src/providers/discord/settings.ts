/** How Boon speaks for its Discord application. */
export interface DiscordSettings {
  botToken: string;
  /** The numeric id of the application, which is its bot's too. */
  clientId: string;
  clientSecret: string;
  /** Of the REST API, without a version and without a slash at its end. */
  apiUrl: string;
  /** Of the pages people see. */
  url: string;
  /** How long an answer is waited for, in milliseconds; 15 seconds, unless it says otherwise. */
  timeoutMs?: number;
}

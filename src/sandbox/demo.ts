import { openSandbox, type Sandbox } from './sandbox.ts';

/** What there is to play with: an organization with repositories, a server with roles, and a few people. */
export async function openDemo(): Promise<Sandbox> {
  const sandbox = await openSandbox();
  const { github, discord } = sandbox;
  for (const login of ['ada', 'grace', 'linus']) {
    github.addUser(login);
    discord.addUser(login);
  }
  // Who owns a place shows that it is theirs; the owner of the server comes with it.
  github.addUser('olivia');
  github.addOrganization('acme', { owners: ['olivia'] });
  github.addRepository('acme/engine');
  github.addRepository('acme/handbook');
  github.addRepository('acme/website', { private: false });
  github.install('acme');
  // What the examples of Boon's documents name, so that what a first start sells can be given here.
  github.addRepository('acme/private-repo');
  const { id } = discord.addGuild('Acme Community', { id: '123456789', roles: ['Backer', 'Insider'] });
  discord.addRole(id, 'Premium', { id: '987654321', position: 1 });
  return sandbox;
}

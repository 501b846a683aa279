import type { Discord } from '../discord/discord.ts';
import type { Guild, Member } from '../discord/state.ts';
import type { Github } from '../github/github.ts';
import { INVITATION_MS } from '../github/hub.ts';
import type { Repository } from '../github/state.ts';
import { type Html, html } from '../html.ts';
import { page } from './frame.ts';

interface World {
  github: Github;
  discord: Discord;
  clock: { now(): Date };
}

const SHOWN_CALLS = 15;

/** What both providers hold, with the buttons that people there would have. */
export function overview({ github, discord, clock }: World): string {
  const calls = [...github.calls, ...discord.calls].sort((a, b) => b.at.getTime() - a.at.getTime());
  return page(
    'Sandbox · Boon',
    html`
<main>
<p class="tag">An emulator: nothing here reaches GitHub or Discord</p>
<h1>What the providers hold</h1>
<p>Boon talks to this page's server instead of GitHub and Discord. When somebody buys access and links an account, it appears here; what you click here is what people would do there.</p>
<div class="row"><form><button class="go">Look again</button></form><span class="muted">${clock.now().toISOString().slice(0, 19).replace('T', ' ')} UTC</span></div>
<h2>Repositories on GitHub</h2>
<div class="cards">${[...github.state.repositories.values()].map((each) => repositoryCard(github, each, clock.now()))}</div>
<h2>Servers on Discord</h2>
<div class="cards">${[...discord.state.guilds.values()].map((each) => guildCard(discord, each))}</div>
<h2>Last calls</h2>
${calls.length === 0 && html`<p>None yet.</p>`}
<table>${calls.slice(0, SHOWN_CALLS).map(({ at, route, path, status }) => html`<tr><td class="muted">${at.toISOString().slice(11, 19)}</td><td>${route.split(' ')[0]}</td><td><code>${path}</code></td><td>${status ?? 'none'}</td></tr>`)}</table>
</main>`,
  );
}

const button = (what: string, fields: Record<string, string>, text: string, style = ''): Html =>
  html`<form method="post" action="/sandbox/click"><input type="hidden" name="what" value="${what}">${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<button class="${style}">${text}</button></form>`;

function repositoryCard({ state }: Github, repository: Repository, now: Date): Html {
  const login = (id: number) => state.accounts.get(id)?.login ?? '';
  const where = `${login(repository.ownerId)}/${repository.name}`;
  const people = [...repository.collaborators].map(
    ([id, permission]) =>
      html`<li><span>${login(id)}</span><span class="pill">${permission}</span>${button('removeCollaborator', { where, who: login(id) }, 'Remove', 'quiet')}</li>`,
  );
  const invited = [...repository.invitations.values()].map(({ inviteeId, permission, createdAt }) => {
    const who = login(inviteeId);
    const lapsed = createdAt.getTime() + INVITATION_MS <= now.getTime();
    const buttons = [button('accept', { where, who }, 'Accept', 'go'), button('decline', { where, who }, 'Decline')];
    return html`<li><span>${who}</span><span class="pill wait">${lapsed ? 'lapsed' : `invited, ${permission}`}</span>${!lapsed && buttons}</li>`;
  });
  return html`<section class="card"><h3>${where} <small>${repository.private ? 'private' : 'public'} · id ${repository.id}</small></h3>
${people.length + invited.length === 0 ? html`<span class="muted">Nobody was let in yet.</span>` : html`<ul>${people}${invited}</ul>`}</section>`;
}

function guildCard({ state }: Discord, guild: Guild): Html {
  const row = ({ userId, roles }: Member) => {
    const user = state.users.get(userId);
    const who = user?.username ?? '';
    const pills = [...roles].map((id) => html`<span class="pill">${guild.roles.get(id)?.name}</span>`);
    const quiet = user?.bot || userId === guild.ownerId;
    return html`<li><span>${who}</span>${pills}${!quiet && button('leave', { where: guild.id, who }, 'Leave', 'quiet')}${!quiet && button('ban', { where: guild.id, who }, 'Ban', 'quiet')}</li>`;
  };
  const banned = [...guild.bans].map((id) => {
    const who = state.users.get(id)?.username ?? '';
    return html`<li><span>${who}</span><span class="pill wait">banned</span>${button('unban', { where: guild.id, who }, 'Lift')}</li>`;
  });
  const roles = [...guild.roles.values()].filter(({ id }) => id !== guild.id).sort((a, b) => b.position - a.position);
  return html`<section class="card"><h3>${guild.name} <small>id ${guild.id}</small></h3>
<ul>${[...guild.members.values()].map(row)}${banned}</ul>
<p class="muted">Roles, highest first: ${roles.map(({ name, id, managed }, index) => html`${index > 0 && ', '}${name} (${managed ? 'managed' : id})`)}</p></section>`;
}

import { relative } from 'node:path';
import type { Fleet } from './hosts/forge-fleet.ts';
import { ROOT } from './layout.ts';
import type { Twin } from './start-twin.ts';

/** What one can do now, as commands that work in this folder. */
export function readyText(twin: Twin, fleet: Fleet | undefined): string {
  const { ports, inbox, github, argocd } = twin;
  return `
Ready. Nothing of this is real: four emulated AWS accounts on this machine.

  inbox      ${inbox.url}   mails and Slack messages
  ledger     ${github.url}/forge/forge-platform/commits   git clone ${github.cloneUrl}
  Argo CD    ${argocd.url}/applications
  people     ana, li, tom (platform-engineers), mei (qa-leads), raj

Push an image of your own to dev; it goes on by itself:
  docker push 127.0.0.1:${ports.registries.dev}/forge/payments:<number>        or a made one:  npm run push -- payments 2001

Go on:
  npm run as -- raj status
  npm run as -- raj promote payments qa --wait
  npm run as -- ana promote payments prod-wealth --reason "first go"      then approve as li or tom, from the inbox
${fleet === undefined ? '' : hostsText(fleet)}
State is kept in ${relative(ROOT, twin.places.root)}; npm run reset forgets it. Ctrl-C stops everything.
`;
}

function hostsText(fleet: Fleet): string {
  const consoles = Object.entries(fleet).flatMap(([environment, machines]) =>
    machines.map(
      ({ container }) => `  ${environment.padEnd(11)} docker exec -it ${container} bash`,
    ),
  );
  return `
Machines, each with systemd and Docker of its own (dagster by compose, gateway by systemd):
${consoles.join('\n')}
  npm run as -- raj provision gateway dev
  npm run as -- raj status gateway dev
`;
}

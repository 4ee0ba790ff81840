import type { Effect } from './tap.ts';
import type { World } from './world.ts';

/** What comes of an effect outside of Conveyor, after a while: alarms ring, and Argo CD sees what was committed. */
export function follow(world: World, { port, method, args, result }: Effect): void {
  if (port === 'ledger' && method === 'commit' && result !== undefined) reconcile(world, args);
  if (port === 'alarms' && method === 'expireAt') ring(world, args[2] as Date);
}

/** An alarm rings at its second or somewhat later, if it is set then. */
function ring(world: World, at: Date): void {
  const { loop, random, alarms } = world;
  loop.spawn(async () => {
    await loop.until(at.getTime() + random.below(60_000));
    for (const { promotion, round } of alarms.ring(new Date(loop.now())))
      loop.spawn(() => world.deliver('expire-approval', { promotion, round }));
  });
}

/** Argo CD follows where it may. */
function reconcile({ loop, random, ledger, argocd }: World, [change]: readonly unknown[]): void {
  const { files } = change as { files: ReadonlyMap<string, string> };
  const [head] = ledger.log();
  for (const [path, text] of files) {
    const [, environment, service] = /^envs\/(\w+)\/(\w+)\.yaml$/.exec(path) ?? [];
    if (environment === undefined) continue;
    const tag = /tag: "?([^"\s]+)"?/.exec(text)?.[1];
    loop.spawn(async () => {
      await loop.sleep(random.below(3_000));
      argocd.push(`${service}-${environment}`, head?.id ?? '', `${service}:${tag}`);
    });
  }
}

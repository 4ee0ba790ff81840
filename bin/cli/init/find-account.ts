import { readCallerIdentity } from '../caller-identity.ts';
import { configuredRegion, regionOf } from '../connect.ts';
import type { Context } from '../context.ts';

/** The region of the credentials at hand; undefined where none is set. */
export async function findRegion({ host }: Context): Promise<string | undefined> {
  return regionOf(host.env, undefined) ?? (await configuredRegion().catch(() => undefined));
}

/** The account of the credentials at hand, as STS says; undefined where there are none, or nobody answers. */
export async function findAccount(context: Context): Promise<string | undefined> {
  try {
    const region = (await findRegion(context)) ?? 'us-east-1';
    return (await readCallerIdentity(context, region)).account;
  } catch {
    // A proposal that cannot be made is none; whoever runs `init` names the account then.
    return undefined;
  }
}

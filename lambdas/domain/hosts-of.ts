import type * as z from 'zod';
import type { ConveyorConfig } from './config.ts';
import { InvalidInput } from './errors.ts';
import type { ComposeTarget, SystemdTarget } from './host-target.ts';
import type { ServiceName } from './names.ts';

/** How a service runs on hosts; the kind names the script that its hosts are sent. */
export type HostsTarget =
  | { readonly kind: 'compose'; readonly target: z.infer<typeof ComposeTarget> }
  | { readonly kind: 'systemd'; readonly target: z.infer<typeof SystemdTarget> };

/** @throws InvalidInput where the service is not there, or does not run on hosts */
export function hostsOf(config: ConveyorConfig, service: ServiceName): HostsTarget {
  const { compose, systemd } = config.services[service]?.target ?? {};
  if (compose !== undefined) return { kind: 'compose', target: compose };
  if (systemd !== undefined) return { kind: 'systemd', target: systemd };
  throw new InvalidInput(`${service} does not run on hosts`, { data: { service } });
}

import { createHash } from 'node:crypto';
import { ServiceName } from '../../lambdas/domain/names.ts';
import { UnitOptions } from '../../lambdas/domain/provisioning.ts';
import { Fingerprint } from '../../lambdas/provision/credential.ts';
import type { DeclaredService } from '../../lambdas/provision/declared-service.ts';
import { Descriptor } from '../../lambdas/provision/descriptor.ts';
import { hostPlaces } from '../../lambdas/provision/host-places.ts';
import { type Part, renderParts } from '../../lambdas/provision/render-parts.ts';

export const service = ServiceName.parse('orders');
export const places = hostPlaces(service);
export const KEY = `age1${'q'.repeat(58)}`;
export const OTHER_KEY = `age1${'p'.repeat(58)}`;
export const fingerprint = Fingerprint.parse(`hmac-sha256:${'a'.repeat(64)}`);
export const SEALED = 'c'.repeat(64);

export const declared: DeclaredService = {
  descriptor: Descriptor.parse({ service, environment: 'prod', region: 'eu-west-1' }),
  unit: UnitOptions.parse({}),
  bootstrap: '#!/bin/sh\n',
};

export const seenOf = (part: Part) => {
  if (part.kind === 'absent') return '';
  const hash =
    part.kind === 'file'
      ? ` ${createHash('sha256').update(Buffer.from(part.contentBase64, 'base64')).digest('hex')}`
      : '';
  return `${part.kind} ${part.owner}:${part.group} ${part.mode}${hash}`;
};

/** What provision.sh prints on a host that is as declared. */
export const provisioned = {
  schema: 1,
  service,
  action: 'observe',
  state: 'present',
  hostKey: KEY,
  user: places.user,
  missing: [] as string[],
  parts: {
    ...Object.fromEntries(renderParts(declared).map((part) => [part.path, seenOf(part)])),
    [places.credential]: `file root:root 0600 ${SEALED}`,
  } as Record<string, string>,
  unit: { loaded: 'loaded', active: 'active', enabled: 'enabled', reload: 'no' },
  credential: { fingerprint, hostKey: KEY, sealed: SEALED },
  changed: [],
  restarted: false,
  restartPending: false,
  reason: 'as seen',
  took: 1,
};
export const nothingThere = { ...provisioned, state: 'absent', parts: {}, credential: null };

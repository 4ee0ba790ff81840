import { InvalidInput } from '../domain/errors.ts';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import type { Fingerprint } from './credential.ts';
import type { HostKey } from './host-key.ts';
import type { Part } from './render-parts.ts';

/** What provision.sh is asked, all of it: it reads nothing else. There is no secret in it. */
export interface ProvisionRequest {
  readonly action: 'observe' | 'apply' | 'remove';
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  /** Names the run in the host's log. */
  readonly promotion: string;
  readonly parts?: readonly Part[];
  /** Of the credential among `parts`. */
  readonly credential?: { readonly fingerprint: Fingerprint; readonly hostKey: HostKey };
  /** Whether a unit that was changed is restarted. @default false */
  readonly restart?: boolean;
}

/** One string in a process's environment ends at 128 KiB (Linux, MAX_ARG_STRLEN); its name is in it. */
const LONGEST = 131_000;

/** The document's `Request` parameter. @throws InvalidInput It is more than a host can take in. */
export function encodeProvisionRequest(request: ProvisionRequest): string {
  const text = JSON.stringify({ schema: 1, kind: 'systemd', ...request });
  const encoded = Buffer.from(text).toString('base64');
  if (encoded.length > LONGEST)
    throw new InvalidInput(
      `The descriptor of ${request.service} makes a request of ${encoded.length} characters; ${LONGEST} is the most`,
      {
        data: { service: request.service },
        fix: 'Give it fewer or shorter variables and arguments.',
      },
    );
  return encoded;
}

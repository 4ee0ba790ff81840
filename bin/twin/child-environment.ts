import { ACCOUNTS, type AccountName, REGION } from './layout.ts';

/** Variables a child needs to run at all; nothing of a real AWS, GitHub or proxy set-up is among them. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TEMP',
  'LANG',
  'LC_ALL',
  'TERM',
  'NODE_EXTRA_CA_CERTS',
  'PIP_CERT',
  'PIP_FIND_LINKS',
  'PIP_INDEX_URL',
  'SSL_CERT_FILE',
  'http_proxy',
  'https_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'no_proxy',
  'NO_PROXY',
  'SystemRoot',
];

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The environment of every child process: the machine's basics, and no way to a real account. */
export function bareEnvironment(): Record<string, string> {
  const kept = PASSED_ON.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  return Object.fromEntries(kept) as Record<string, string>;
}

/** `bareEnvironment` pointed at the emulator. Profiles, SSO, instance metadata and shared files are out of reach. */
export function awsEnvironment(
  endpoint: URL,
  credentials: AccountName | SessionCredentials,
): Record<string, string> {
  const key =
    typeof credentials === 'string'
      ? { accessKeyId: ACCOUNTS[credentials], secretAccessKey: 'twin' }
      : credentials;
  return {
    ...bareEnvironment(),
    AWS_ENDPOINT_URL: endpoint.origin,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    ...(key.sessionToken !== undefined && { AWS_SESSION_TOKEN: key.sessionToken }),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    NODE_NO_WARNINGS: '1',
  };
}

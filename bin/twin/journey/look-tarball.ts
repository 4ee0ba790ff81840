import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'yaml';
import { s3Client } from '../../../lambdas/adapters/s3-client.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import { ACCOUNTS, type AccountName, REGION } from '../layout.ts';
import type { Twin } from '../start-twin.ts';
import { expect } from './expect.ts';
import type { Note } from './look.ts';
import { commits, ledgerText } from './watch.ts';

export interface Tarball {
  readonly service: string;
  readonly sha: string;
  readonly digest: string;
}

/** The record, the bytes in that account's bucket, exactly one commit, and the Ledger's own text. */
export async function landedTarball(
  twin: Twin,
  promotion: Promotion,
  environment: Exclude<AccountName, 'tools'>,
  { service, sha, digest }: Tarball,
  note: Note,
): Promise<void> {
  expect(promotion.state === 'promoted', `${sha} is promoted in ${environment}`, promotion);
  expect(promotion.digest === digest, 'the digest pushed is the digest promoted', promotion.digest);
  const there = await bytesIn(twin, environment, `${service}/${sha}.tar.gz`);
  expect(there.sha256 === digest, `the bytes in ${environment} are those that were pushed`, there);
  expect(there.told === digest, 'the object says so itself', there);
  const own = (await commits(twin)).filter((commit) =>
    commit.body.includes(`Conveyor-Promotion: ${promotion.id}`),
  );
  expect(own.length === 1, 'there is exactly one commit of the promotion', own);
  const said = await ledgerVersion(twin, service, environment);
  expect(said === sha, `the Ledger’s manifest says ${sha}`, said);
  note(
    `${service} ${sha.slice(0, 7)} in ${environment}`,
    `read back as ${digest.slice(0, 19)}…, commit ${own[0]?.id.slice(0, 7)}, ${promotion.id}`,
  );
}

/** What `manifest.<environment>.yaml` says of a service. */
export async function ledgerVersion(
  twin: Twin,
  service: string,
  environment: string,
): Promise<string> {
  const manifest = parse(await ledgerText(twin, `manifest.${environment}.yaml`)) as Record<
    string,
    { version: string }
  >;
  return manifest[service]?.version ?? '';
}

async function bytesIn(
  { endpoint }: Twin,
  environment: Exclude<AccountName, 'tools'>,
  Key: string,
) {
  const account = ACCOUNTS[environment];
  const client = s3Client({
    region: REGION,
    endpoint: endpoint.origin,
    credentials: { accessKeyId: account, secretAccessKey: 'twin' },
  });
  const object = { Bucket: `conveyor-${environment}-${account}-${REGION}`, Key };
  const { Metadata } = await client.send(new HeadObjectCommand(object));
  const { Body } = await client.send(new GetObjectCommand(object));
  const hash = createHash('sha256').update((await Body?.transformToByteArray()) ?? '');
  return { sha256: `sha256:${hash.digest('hex')}`, told: Metadata?.['conveyor-digest'] };
}

import { createHash } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import {
  CancelCommandCommand,
  DeleteParameterCommand,
  ListCommandInvocationsCommand,
  PutParameterCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import type { SessionCredentials } from '../../../bin/twin/child-environment.ts';
import { NotTheTwin, requireTwin } from '../../../bin/twin/guard.ts';
import { ended, until } from '../../../bin/twin/journey/watch.ts';
import { ACCOUNTS, REGION } from '../../../bin/twin/layout.ts';
import { sessionOf } from '../../../bin/twin/people.ts';
import { sampleImage } from '../../../bin/twin/sample-image.ts';
import { conveyorAs, pushSample, registryOf } from '../../../bin/twin/use-twin.ts';
import { s3Client } from '../../../lambdas/adapters/s3-client.ts';
import { DigestConflict } from '../../../lambdas/domain/errors.ts';
import { RepositoryName, Version } from '../../../lambdas/domain/names.ts';
import { killFunction, toolsClient, type Use } from './support.ts';

const clientOf = (endpoint: URL, as: string | SessionCredentials) =>
  s3Client({
    region: REGION,
    endpoint: endpoint.origin,
    credentials: typeof as === 'string' ? { accessKeyId: as, secretAccessKey: 'twin' } : as,
  });

/** A session of a role in qa's account; the emulator asks nobody for leave. */
async function roleSession(endpoint: URL, role: string): Promise<SessionCredentials> {
  const credentials = { accessKeyId: ACCOUNTS.qa, secretAccessKey: 'twin' };
  const sts = new STSClient({ endpoint: endpoint.origin, region: REGION, credentials });
  const RoleArn = `arn:aws:iam::${ACCOUNTS.qa}:role/${role}`;
  const { Credentials: made } = await sts.send(
    new AssumeRoleCommand({
      RoleArn,
      RoleSessionName: 'patches',
      ExternalId: `conveyor:${ACCOUNTS.tools}:qa`,
    }),
  );
  return {
    accessKeyId: made?.AccessKeyId ?? '',
    secretAccessKey: made?.SecretAccessKey ?? '',
    sessionToken: made?.SessionToken ?? '',
  };
}

export function patches(use: Use): void {
  describe('the emulator as the twin starts it', () => {
    it('lets an ECR push in the dev account reach the bus of the tools account', async () => {
      const digest = await pushSample(use().endpoint, 'statements', '61');

      const promotion = await ended(use(), 'statements', 'dev', '61');

      expect([promotion.digest, promotion.state]).toEqual([digest, 'promoted']);
    });

    it('keeps the name of a function’s error', async () => {
      const lambda = new LambdaClient(toolsClient(use()));

      const reply = await lambda.send(
        new InvokeCommand({
          FunctionName: 'conveyor-take-turn',
          Payload: '{"promotion":"nonsense"}',
        }),
      );

      expect(JSON.parse(Buffer.from(reply.Payload ?? []).toString())).toMatchObject({
        errorType: 'InvalidInput',
      });
    });

    it('calls the death of a function’s process Runtime.ExitError', async () => {
      const lambda = new LambdaClient(toolsClient(use()));
      const Payload = JSON.stringify({ service: 'payments', environment: 'dev' });
      const dying = lambda.send(new InvokeCommand({ FunctionName: 'conveyor-mend-line', Payload }));
      while (killFunction('mend-line') === 0) await new Promise((resolve) => setImmediate(resolve));

      const reply = await dying;

      expect(JSON.parse(Buffer.from(reply.Payload ?? []).toString())).toMatchObject({
        errorType: 'Runtime.ExitError',
      });
    });

    it('copies between two accounts where the source’s policy names the caller’s role, and nowhere else', async () => {
      const store = `conveyor-store-${ACCOUNTS.tools}-${REGION}`;
      const Key = 'relay/copied.tar.gz';
      const Body = Buffer.from('to be fetched');
      const { endpoint } = use();
      await clientOf(endpoint, ACCOUNTS.tools).send(
        new PutObjectCommand({ Bucket: store, Key, Body }),
      );
      const copy = async (role: string) => {
        const client = clientOf(endpoint, await roleSession(endpoint, role));
        const place = { Bucket: `conveyor-qa-${ACCOUNTS.qa}-${REGION}`, Key };
        const begun = new CreateMultipartUploadCommand({ ...place, ChecksumAlgorithm: 'SHA256' });
        const { UploadId } = await client.send(begun);
        const part = { ...place, UploadId, PartNumber: 1, CopySource: `${store}/${Key}` };
        return (await client.send(new UploadPartCopyCommand(part))).CopyPartResult?.ChecksumSHA256;
      };

      expect(await copy('ConveyorDeployRole-qa')).toBe(
        createHash('sha256').update(Body).digest('base64'),
      );
      await expect(copy('cdk-hnb659fds-lookup-role-333333333333-us-east-1')).rejects.toMatchObject({
        name: 'AccessDenied',
      });
    });

    it('sends hosts no document that nobody has made, and tells of no command that nobody has sent', async () => {
      const ssm = new SSMClient({
        endpoint: use().endpoint.origin,
        region: REGION,
        credentials: { accessKeyId: ACCOUNTS.qa, secretAccessKey: 'twin' },
      });
      const host = 'i-0123456789abcdef0';

      await expect(
        ssm.send(new SendCommandCommand({ DocumentName: 'Conveyor-Nothing', InstanceIds: [host] })),
      ).rejects.toMatchObject({ name: 'InvalidDocument' });
      const CommandId = '00000000-0000-4000-8000-000000000000';
      expect(
        (await ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true })))
          .CommandInvocations,
      ).toEqual([]);
      await expect(ssm.send(new CancelCommandCommand({ CommandId }))).rejects.toMatchObject({
        name: 'InvalidCommandId',
      });
    });

    it('tells the bus of a parameter that is written, and of one that is deleted', async () => {
      const sfn = new SFNClient(toolsClient(use()));
      const ssm = new SSMClient(toolsClient(use()));
      const stateMachineArn = `arn:aws:states:${REGION}:${ACCOUNTS.tools}:stateMachine:conveyor-provision`;
      const started = async () =>
        (await sfn.send(new ListExecutionsCommand({ stateMachineArn }))).executions?.length ?? 0;
      const more = async (than: number) =>
        until('provisioning to hear of it', async () =>
          (await started()) > than ? true : undefined,
        );
      const Name = '/conveyor/credentials/qa/nobody';
      const before = await started();

      await ssm.send(new PutParameterCommand({ Name, Type: 'SecureString', Value: 'none' }));
      await more(before);
      const between = await started();
      await ssm.send(new DeleteParameterCommand({ Name }));
      await more(between);
    });

    it('refuses to move an immutable tag, but for signatures', async () => {
      const registry = await registryOf(use().endpoint, 'qa');
      const repository = RepositoryName.parse('forge/statements');
      const [one, other] = ['1', '2'].map(
        (version) => sampleImage({ service: 'statements', version }).index,
      );
      if (one === undefined || other === undefined) throw new Error('no samples');
      for (const tag of ['immutable', 'sha256-abc.sig'])
        await registry.put(repository, one, Version.parse(tag));

      await expect(
        put(use().ports.registries.qa, 'forge/statements', 'immutable', other),
      ).resolves.toBe(400);
      await expect(
        put(use().ports.registries.qa, 'forge/statements', 'sha256-abc.sig', other),
      ).resolves.toBe(201);
      await expect(registry.put(repository, other, Version.parse('immutable'))).rejects.toThrow(
        DigestConflict,
      );
    });

    it('names people as sessions of their roles, and answers STS in JSON', async () => {
      const session = await sessionOf(use().endpoint, 'ana');

      const { code, stdout } = await conveyorAs(use().endpoint, 'ana', ['status', '--json']);

      expect(session.sessionToken).toBeTruthy();
      expect(code).toBe(0);
      expect(JSON.parse(stdout).data.you).toEqual({
        principal: `arn:aws:sts::${ACCOUNTS.tools}:assumed-role/person-ana/ana`,
        person: 'ana',
      });
    });

    it('is the only thing the twin deploys to', async () => {
      await expect(requireTwin(new URL(`https://sts.${REGION}.amazonaws.com`))).rejects.toThrow(
        NotTheTwin,
      );
      await expect(requireTwin(new URL(use().inbox.url))).rejects.toThrow(NotTheTwin);
      await expect(requireTwin(use().endpoint)).resolves.toBeUndefined();
    });
  });
}

async function put(
  port: number,
  repository: string,
  tag: string,
  { bytes, mediaType }: { bytes: Uint8Array; mediaType: string },
): Promise<number> {
  const reply = await fetch(`http://127.0.0.1:${port}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: Buffer.from(bytes),
  });
  return reply.status;
}

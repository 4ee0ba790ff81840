import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from 'vitest';
import { SsmHostCommands } from '../../lambdas/adapters/ssm-host-commands.ts';
import { instanceId } from '../fakes/memory-fleet.ts';
import { type JsonPeer, jsonPeer, type Reply, refusal } from './json-peer.ts';

let peer: JsonPeer | undefined;
afterEach(() => peer?.close());

const instances = [1, 2, 3].map(instanceId);
const gone = refusal(400, 'InvalidInstanceId');
const online = (...ids: readonly number[]): Reply => ({
  status: 200,
  body: { InstanceInformationList: ids.map((id) => ({ InstanceId: instanceId(id) })) },
});
const sent: Reply = { status: 200, body: { Command: { CommandId: 'c-1' } } };

async function send(...replies: readonly [Reply, ...Reply[]]) {
  peer = await jsonPeer(...replies);
  const commands = new SsmHostCommands(new SSMClient(peer.client), 'Conveyor-DeploySystemd', {
    bucket: 'conveyor-output-dev-222222222222',
    prefix: 'relay',
  });
  return commands.send({ request: 'e30=', instances, comment: 'conveyor p_1 deploy', within: 60 });
}

describe('a command to hosts of which one was terminated', () => {
  it('goes to those that are still there', async () => {
    expect(await send(gone, online(1, 3), sent)).toEqual({
      id: 'c-1',
      to: [instanceId(1), instanceId(3)],
    });

    const [first, asked, second] = peer?.asked ?? [];
    expect(first).toMatchObject({ InstanceIds: instances });
    expect(asked).toMatchObject({ Filters: [{ Key: 'InstanceIds', Values: instances }, {}] });
    expect(second).toMatchObject({ InstanceIds: [instanceId(1), instanceId(3)] });
  });

  it('goes to nobody where none is', async () => {
    expect(await send(gone, online())).toEqual({ to: [] });
  });

  it('is refused where SSM says that of hosts that are all there: a right is missing', async () => {
    await expect(send(gone, online(1, 2, 3))).rejects.toMatchObject({
      name: 'HostsRefused',
      message: expect.stringContaining('InvalidInstanceId'),
    });
  });

  it('is worth another try where AWS does not answer the question who is there', async () => {
    await expect(send(gone, refusal(400, 'ThrottlingException'))).rejects.toMatchObject({
      name: 'Unavailable',
    });
  });
});

describe('a command', () => {
  it('goes to all of them, and is known by its id', async () => {
    expect(await send(sent)).toEqual({ id: 'c-1', to: instances });
    expect(peer?.asked).toHaveLength(1);
  });

  it('is refused for good where AWS says no', async () => {
    await expect(send(refusal(400, 'AccessDeniedException'))).rejects.toMatchObject({
      name: 'HostsRefused',
    });
  });
});

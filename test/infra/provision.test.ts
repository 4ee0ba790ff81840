import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { readConfig, ServiceHost } from '../../infra/index.ts';
import { DesiredState } from '../../lambdas/domain/desired-state.ts';
import { relay, shop } from '../promote/shop.ts';
import { named, only, resources, synthesise } from './forge.ts';
import { evaluate, rightsOf } from './policies.ts';

vi.setConfig({ testTimeout: 120_000 });

const config = readConfig('examples/wardnet/conveyor.yaml');
const { tools, environments } = synthesise(config);
const parameter = (name: string) => `arn:aws:ssm:eu-west-1:111111111111:parameter/conveyor/${name}`;
const PRINCIPAL = 'arn:aws:iam::111111111111:role/conveyor-provision';
const desired = () =>
  [...resources(tools, 'AWS::SSM::Parameter').values()].filter(({ Properties }) =>
    String(Properties.Name).startsWith('/conveyor/provision/'),
  );

describe('what is declared for hosts', () => {
  it('is a parameter for each service and environment, whole, without a secret in it', () => {
    expect(
      desired()
        .map(({ Properties }) => Properties.Name)
        .sort(),
    ).toEqual([
      '/conveyor/provision/dev/relay',
      '/conveyor/provision/dev/resolver',
      '/conveyor/provision/prod/relay',
      '/conveyor/provision/prod/resolver',
    ]);
    const [prod] = desired().filter(({ Properties }) => Properties.Name.endsWith('/prod/relay'));
    const state = DesiredState.parse(JSON.parse(prod?.Properties.Value));
    expect(state).toMatchObject({
      service: 'relay',
      environment: 'prod',
      region: 'eu-west-1',
      hosts: 'wardnet:relay=true',
      provision: {
        variables: { PEERS: 'resolver.prod.wardnet.example' },
        secrets: { DATABASE_URL: '/wardnet/prod/relay/database-url' },
      },
    });
  });

  it('starts provisioning where it, or a credential, has changed, and again on a schedule', () => {
    const rule = only(
      tools,
      'AWS::Events::Rule',
      ({ Properties }) =>
        Properties.EventPattern?.['detail-type']?.[0] === 'Parameter Store Change',
    );
    expect(rule.Properties.EventPattern.detail.name).toEqual([
      { prefix: '/conveyor/provision/dev/' },
      { prefix: '/conveyor/credentials/dev/' },
      { prefix: '/conveyor/provision/prod/' },
      { prefix: '/conveyor/credentials/prod/' },
    ]);
    expect(JSON.stringify(rule.Properties.Targets[0].InputTransformer)).toContain('$.detail.name');
    const schedules = [...resources(tools, 'AWS::Events::Rule').values()].filter(({ Properties }) =>
      String(Properties.Description).startsWith('Conveyor provision: '),
    );
    expect(
      schedules.flatMap(({ Properties }) =>
        Properties.Targets.map((one: { Input?: string }) => one.Input),
      ),
    ).toEqual(expect.arrayContaining(['{"environment":"dev"}', '{"environment":"prod"}']));
  });

  it('may be declared by a construct of one’s own, where conveyor.yaml says elsewhere', () => {
    const elsewhere = shop({}, [relay], {
      systemd: { hosts: 'wardnet:relay=true', provision: 'elsewhere' },
    });
    const stack = new Stack(new App(), 'Mine', { env: elsewhere.tools });
    new ServiceHost(stack, 'Relay', {
      config: elsewhere,
      service: relay,
      environment: 'prod',
      provision: { port: 8080 },
    });

    const { Properties } = only(Template.fromStack(stack), 'AWS::SSM::Parameter', () => true);
    expect(Properties.Name).toBe('/conveyor/provision/prod/relay');
    expect(JSON.parse(Properties.Value).provision.port).toBe(8080);
    expect(
      () =>
        new ServiceHost(stack, 'None', {
          config: shop(),
          service: 'payments',
          environment: 'prod',
        }),
    ).toThrow('payments has no provisioning to declare in prod');
  });
});

describe('the function that provisions (T9, T13)', () => {
  const rights = rightsOf(tools, 'conveyor-provision');
  const may = (action: string, name: string) =>
    evaluate(rights, { principal: PRINCIPAL, action: `ssm:${action}`, resource: parameter(name) });

  it('reads the credentials that are declared, and no other secret', () => {
    expect(may('GetParameter', 'credentials/prod/relay')).toBe('allowed');
    for (const other of ['credentials/prod/resolver', 'credentials/prod/relay/x', 'github/token'])
      expect(may('GetParameter', other), other).toBe('denied');
    for (const action of ['PutParameter', 'DeleteParameter'])
      expect(may(action, 'credentials/prod/relay')).toBe('denied');
  });

  it('changes nothing that is declared, and makes the key once', () => {
    for (const action of ['PutParameter', 'DeleteParameter'])
      expect(may(action, 'provision/prod/relay')).toBe('denied');
    expect(may('PutParameter', 'provision-keys/prod')).toBe('allowed');
    expect(may('DeleteParameter', 'provision-keys/prod')).toBe('denied');
  });

  it('publishes targets, which deployments alone read beside it', () => {
    expect(may('PutParameter', 'targets/prod/relay')).toBe('allowed');
    const reads = (name: string) =>
      evaluate(rightsOf(tools, `conveyor-${name}`), {
        principal: PRINCIPAL.replace('provision', name),
        action: 'ssm:GetParameter',
        resource: parameter('targets/prod/relay'),
      });
    expect(reads('deploy-hosts')).toBe('allowed');
    for (const other of ['api', 'update-ledger', 'copy-tarball'])
      expect(reads(other), other).toBe('denied');
  });
});

describe('an environment with provisioned hosts (T8, T13)', () => {
  it('has the document, and lets it be sent to these hosts and no other', () => {
    const { prod } = environments;
    if (prod === undefined) throw new Error('no prod');
    const documents = [...resources(prod, 'AWS::SSM::Document').values()].map(({ Properties }) =>
      named(Properties.Name),
    );
    expect(documents.sort()).toEqual(['Conveyor-DeploySystemd', 'Conveyor-Provision']);
    const principal = 'arn:aws:iam::444444444444:role/ConveyorDeployRole-prod';
    const send = (tag: string, value: string) =>
      evaluate(rightsOf(prod, 'ConveyorDeployRole-prod'), {
        principal,
        action: 'ssm:SendCommand',
        resource: 'arn:aws:ec2:eu-west-1:444444444444:instance/i-0123456789abcdef0',
        context: { [`ssm:resourceTag/${tag}`]: value },
      });
    expect(send('wardnet:relay', 'true')).toBe('allowed');
    expect(send('wardnet:resolver', 'true')).toBe('allowed');
    expect(send('wardnet:other', 'true')).toBe('denied');
  });
});

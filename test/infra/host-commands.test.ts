import { describe, expect, it } from 'vitest';
import { renderDocument } from '../../infra/documents/render-document.ts';
import { hostPolicyName } from '../../infra/host-access.ts';
import { relay, shop } from '../promote/shop.ts';
import { only, resources, synthesise } from './forge.ts';
import { actionsOf, evaluate, resourcesOf, rightsOf } from './policies.ts';

const ACCOUNT = '444444444444';
const PRINCIPAL = `arn:aws:iam::${ACCOUNT}:role/ConveyorDeployRole-prod`;
const config = shop({}, [relay], { systemd: { hosts: 'wardnet:relay=true' } });
const { prod } = synthesise(config).environments;
if (prod === undefined) throw new Error('no prod');
const rights = rightsOf(prod, 'ConveyorDeployRole-prod');

const send = (resource: string, tags: Readonly<Record<string, string>> = {}) =>
  evaluate(rights, { principal: PRINCIPAL, action: 'ssm:SendCommand', resource, context: tags });
const document = (name: string) => `arn:aws:ssm:us-east-1:${ACCOUNT}:document/${name}`;
const host = `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-0123456789abcdef0`;

describe('an environment with hosts (T8, T13)', () => {
  it('has the document of its kind of hosts, as it is rendered, and no other', () => {
    const documents = [...resources(prod, 'AWS::SSM::Document').values()];

    expect(documents.map(({ Properties }) => Properties.Name)).toEqual(['Conveyor-DeploySystemd']);
    const { Properties } = only(prod, 'AWS::SSM::Document', () => true);
    expect(Properties).toMatchObject({
      DocumentType: 'Command',
      UpdateMethod: 'NewVersion',
      Content: renderDocument('systemd'),
    });
  });

  it('may be sent that document, to hosts with the service’s tag, and nothing else', () => {
    const ours = { 'ssm:resourceTag/wardnet:relay': 'true' };

    expect(send(document('Conveyor-DeploySystemd'))).toBe('allowed');
    expect(send(host, ours)).toBe('allowed');
    for (const other of ['AWS-RunShellScript', 'Conveyor-DeployCompose', 'Conveyor-DeploySystemd2'])
      expect(send(document(other)), other).toBe('denied');
    expect(send(host)).toBe('denied');
    expect(send(host, { 'ssm:resourceTag/wardnet:relay': 'false' })).toBe('denied');
    expect(send(host, { 'ssm:resourceTag/wardnet:other': 'true' })).toBe('denied');
  });

  it('names no resource where AWS has nothing narrower, and there alone', () => {
    const anywhere = rights
      .filter((statement) => resourcesOf(statement).includes('*'))
      .flatMap(actionsOf);

    expect(anywhere.sort()).toEqual([
      'ec2:DescribeInstances',
      'ecr:GetAuthorizationToken',
      'ssm:CancelCommand',
      'ssm:DescribeInstanceInformation',
      'ssm:ListCommandInvocations',
      'ssm:ListCommands',
    ]);
  });

  it('has none of it where no service runs on hosts', () => {
    const { prod: plain } = synthesise(shop({}, [relay])).environments;
    if (plain === undefined) throw new Error('no prod');

    expect(resources(plain, 'AWS::SSM::Document').size).toBe(0);
    expect(resources(plain, 'AWS::IAM::ManagedPolicy').size).toBe(0);
    const actions = rightsOf(plain, 'ConveyorDeployRole-prod').flatMap(actionsOf);
    expect(actions.filter((action) => /^(ssm|ec2):/.test(action))).toEqual([]);
  });
});

describe('a host of an environment (T13)', () => {
  const { dev } = synthesise().environments;
  if (dev === undefined) throw new Error('no dev');
  const policy = only(dev, 'AWS::IAM::ManagedPolicy', () => true).Properties;
  const may = (action: string, resource: string) =>
    evaluate(policy.PolicyDocument.Statement, {
      principal: 'arn:aws:iam::222222222222:role/forge-host',
      action,
      resource,
    });
  const here = (service: string, rest: string) =>
    `arn:aws:${service}:us-east-1:222222222222:${rest}`;

  it('has one policy, by a name that a role can be given it by', () => {
    expect(policy.ManagedPolicyName).toBe(hostPolicyName('dev'));
  });

  it('reads the releases and parameters of its services, and of no other', () => {
    const bucket = resourcesOf(policy.PolicyDocument.Statement[0]);

    expect(bucket).toEqual([expect.stringMatching(/\/gateway\/\*$/)]);
    expect(may('ecr:BatchGetImage', here('ecr', 'repository/forge/dagster'))).toBe('allowed');
    expect(may('ecr:BatchGetImage', here('ecr', 'repository/forge/payments'))).toBe('denied');
    const path = (name: string) => here('ssm', `parameter/forge/${name}`);
    expect(may('ssm:GetParametersByPath', path('dev/dagster'))).toBe('allowed');
    expect(may('ssm:GetParametersByPath', path('dev/dagster/DATABASE_PASSWORD'))).toBe('allowed');
    for (const other of ['dev', 'dev/payments', 'prod-wealth/dagster', 'dev/dagster2'])
      expect(may('ssm:GetParametersByPath', path(other)), other).toBe('denied');
  });

  it('reads the secrets that its services declare, by their names', () => {
    const secret = (name: string) => here('ssm', `parameter/forge/${name}`);
    expect(may('ssm:GetParameters', secret('dev/gateway/signing-key'))).toBe('allowed');
    for (const other of [
      'dev/gateway/other',
      'prod-wealth/gateway/signing-key',
      'dev/dagster/DATABASE_PASSWORD',
    ])
      expect(may('ssm:GetParameters', secret(other)), other).toBe('denied');
  });

  it('writes nothing but what its scripts print, where nobody runs anything from', () => {
    const actions = policy.PolicyDocument.Statement.flatMap(actionsOf);
    const output = 'arn:aws:s3:::conveyor-output-dev-222222222222/relay/c/i-1/stdout';
    expect(may('s3:PutObject', output)).toBe('allowed');
    for (const other of [
      'arn:aws:s3:::conveyor-dev-222222222222-us-east-1/relay/abc.tar.gz',
      output.replaceAll('dev-222222222222', 'qa-333333333333'),
    ])
      expect(may('s3:PutObject', other), other).toBe('denied');

    expect(actions.sort()).toEqual([
      'ecr:BatchGetImage',
      'ecr:GetAuthorizationToken',
      'ecr:GetDownloadUrlForLayer',
      's3:GetEncryptionConfiguration',
      's3:GetObject',
      's3:PutObject',
      's3:PutObjectAcl',
      'ssm:GetParameters',
      'ssm:GetParametersByPath',
    ]);
  });
});

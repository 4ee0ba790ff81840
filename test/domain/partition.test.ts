import { describe, expect, it } from 'vitest';
import { executionUrl, partitionOf, stsEndpoint } from '../../lambdas/domain/partition.ts';

/** docs.aws.amazon.com, "AWS partitions" and "Service endpoints": what each partition calls its hosts. */
describe.each([
  ['eu-west-1', 'aws', 'sts.eu-west-1.amazonaws.com', 'console.aws.amazon.com'],
  ['us-east-1', 'aws', 'sts.us-east-1.amazonaws.com', 'console.aws.amazon.com'],
  ['cn-north-1', 'aws-cn', 'sts.cn-north-1.amazonaws.com.cn', 'console.amazonaws.cn'],
  [
    'us-gov-west-1',
    'aws-us-gov',
    'sts.us-gov-west-1.amazonaws.com',
    'console.amazonaws-us-gov.com',
  ],
])('in %s', (region, id, sts, console) => {
  const arn = `arn:${id}:states:${region}:111111111111:execution:conveyor-promote:p_01JD`;

  it('names are those of its partition', () => {
    expect(partitionOf(region).id).toBe(id);
    expect(stsEndpoint(region).href).toBe(`https://${sts}/`);
  });

  it('an execution is seen in its console', () => {
    expect(executionUrl(arn)).toBe(
      `https://${region}.${console}/states/home?region=${region}#/v2/executions/details/${arn}`,
    );
  });
});

it.each([
  '',
  'p_01JD',
  'arn:aws:states:eu-west-1:111111111111:stateMachine:promote',
  'arn:aws:states:eu-west-1:111111111111:execution:promote',
  'arn:aws:states:eu-west-1:11111111111:execution:promote:p_1',
  'arn:aws:states::111111111111:execution:promote:p_1',
  'arn:aws:lambda:eu-west-1:111111111111:execution:promote:p_1',
  'arn:AWS:states:eu-west-1:111111111111:execution:promote:p_1',
  'arn:aws:states:eu-west-1:111111111111:execution:promote:p_1/../x',
  'arn:aws:states:eu-west-1:111111111111:execution:pro mote:p_1',
  'x arn:aws:states:eu-west-1:111111111111:execution:promote:p_1',
  'arn:aws:states:evil.example/:111111111111:execution:promote:p_1',
])('%j leads nowhere: it is no execution', (arn) => {
  expect(executionUrl(arn)).toBeUndefined();
});

/**
 * The only file that knows how AWS partitions name their hosts (docs.aws.amazon.com, "AWS partitions"):
 * `aws`, `aws-cn`, `aws-us-gov`, told apart by the region.
 */
interface Partition {
  readonly id: string;
  readonly suffix: string;
  readonly console: string;
}

const COMMERCIAL: Partition = {
  id: 'aws',
  suffix: 'amazonaws.com',
  console: 'console.aws.amazon.com',
};
const CHINA: Partition = {
  id: 'aws-cn',
  suffix: 'amazonaws.com.cn',
  console: 'console.amazonaws.cn',
};
const GOVERNMENT: Partition = {
  id: 'aws-us-gov',
  suffix: 'amazonaws.com',
  console: 'console.amazonaws-us-gov.com',
};

export function partitionOf(region: string): Partition {
  if (region.startsWith('cn-')) return CHINA;
  return region.startsWith('us-gov-') ? GOVERNMENT : COMMERCIAL;
}

/** A private registry's host ("Amazon ECR private registry", Registry URL). */
export const ecrHost = (account: string, region: string) =>
  `${account}.dkr.ecr.${region}.${partitionOf(region).suffix}`;

/** The regional STS: the global one answers from us-east-1 alone. */
export const stsEndpoint = (region: string) =>
  new URL(`https://sts.${region}.${partitionOf(region).suffix}`);

/** Where a person sees the Step Functions execution of that ARN; nothing for what is not such an ARN. */
export function executionUrl(arn: string): string | undefined {
  const region = /^arn:[a-z-]+:states:([a-z0-9-]+):\d{12}:execution:[\w-]+:[\w-]+$/.exec(arn)?.[1];
  if (region === undefined) return undefined;
  return `https://${region}.${partitionOf(region).console}/states/home?region=${region}#/v2/executions/details/${arn}`;
}

import { expect, it } from 'vitest';
import { sources } from '../sources.ts';

const ALLOWED = 'lambdas/domain/partition.ts';
const REGION =
  /['"`.](us|eu|ap|sa|ca|me|af|il|cn)-(gov-)?(north|south|east|west|central|northeast|southeast)+-\d\b/;
/** CDK turns `events.amazonaws.com` into what a partition calls that service. */
const SERVICE_PRINCIPAL =
  /(new ServicePrincipal\(|PassedToService': |may\(\['iam:PassRole'\].*)'[a-z.]+\.amazonaws\.com'/;

it('knows the names of partitions and regions in one file alone', () => {
  const literal = sources('infra', 'lambdas')
    .filter(({ path }) => path !== ALLOWED)
    .flatMap(({ path, lines }) =>
      lines
        .filter((line) => !/^\s*(\*|\/\/|\/\*\*)/.test(line))
        .filter((line) => !SERVICE_PRINCIPAL.test(line))
        .filter(
          (line) => /arn:aws:|\.amazonaws\.com|\.aws\.amazon\.com/.test(line) || REGION.test(line),
        )
        .map((line) => `${path}: ${line.trim()}`),
    );

  expect(literal).toEqual([]);
});

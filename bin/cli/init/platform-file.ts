import { parseConfig } from '../../../infra/config.ts';
import { SCHEMAS } from '../../../infra/config-schema.ts';
import { yamlText } from './yaml-text.ts';

export interface Platform {
  /** `owner/name` of the Ledger. */
  readonly repository: string;
  readonly branch: string;
  /** SSM parameter. */
  readonly token: string;
  readonly account: string;
  readonly region: string;
  /** In the order of their stages; the first takes what is pushed by itself. */
  readonly environments: readonly {
    readonly name: string;
    readonly account: string;
    readonly region?: string | undefined;
  }[];
}

/** A `conveyor.yaml` to go on from. @throws InvalidConfiguration where it would not be a valid one */
export function platformFile(platform: Platform, file: string): string {
  const [owner = '', name = ''] = platform.repository.split('/');
  const stages = platform.environments.map((environment) => yamlText(environment.name)).join(', ');
  const text = `# yaml-language-server: $schema=${SCHEMAS}/conveyor.schema.json
#
# Check it with: conveyor validate. Every key: docs/reference/configuration.md of Conveyor.
apiVersion: conveyor/v1

# Where Conveyor itself runs. Account ids are texts: in quotes, so that YAML does not read a number.
tools:
  account: "${platform.account}"
  region: ${yamlText(platform.region)}

# The git repository that says what should run. Its token is read from SSM when it is used, never written here.
ledger:
  github:
    owner: ${yamlText(owner)}
    repository: ${yamlText(name)}
    branch: ${yamlText(platform.branch)}
    auth:
      token: ${yamlText(platform.token)}

environments:
${platform.environments.map((environment, at) => environmentText(platform, environment, at)).join('\n')}
# Who may approve, and where:
# people:
#   ana:
#     name: Ana Ferreira
#     email: ana@example.com
#     principals: ["arn:aws:iam::${platform.account}:role/person-ana"]
# groups:
#   platform-engineers: [ana]
# and in an environment:
#     approval: { approvers: platform-engineers }

# What is promoted. One that is built as a tarball, and one that is an image which Argo CD runs:
#   relay:
#     artifact: { tarball: s3 }
#     stages: [${stages}]
#     target: { store: {} }
#   payments:
#     artifact: { image: ${yamlText(owner.toLowerCase())}/payments }
#     stages: [${stages}]
#     target:
#       argocd: { path: "envs/{environment}/{service}.yaml" }
services: {}
`;
  // What is written is what `conveyor validate` accepts, whatever was typed.
  parseConfig(text, file);
  return text;
}

function environmentText(
  platform: Platform,
  { name, account, region }: Platform['environments'][number],
  at: number,
): string {
  return `  ${yamlText(name)}:
    account: "${account}"
    region: ${yamlText(region ?? platform.region)}
    promotion: ${at === 0 ? 'auto # what is pushed lands here by itself' : 'manual'}
`;
}

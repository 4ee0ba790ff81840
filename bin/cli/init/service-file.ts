import { SCHEMAS } from '../../../infra/config-schema.ts';
import { parseDeployment } from '../../../infra/deployment-file.ts';
import { yamlText } from './yaml-text.ts';

export interface ServiceSaid {
  /** `owner/name` of the platform's repository. */
  readonly platform: string;
  readonly service: string;
  readonly artifact: { readonly path: string } | { readonly tarball: string };
}

/** One `deployments/<environment>.yaml`. @throws InvalidConfiguration where it would not be a valid one */
export function serviceFile({ platform, service, artifact }: ServiceSaid, file: string): string {
  const what =
    'path' in artifact
      ? `path: ${yamlText(artifact.path)} # a folder, packed as it is`
      : `tarball: ${yamlText(artifact.tarball)} # packed by the build`;
  const text = `# yaml-language-server: $schema=${SCHEMAS}/deployment.schema.json
apiVersion: conveyor/v1
platform:
  repository: ${yamlText(platform)}
service: ${yamlText(service)}
artifact:
  ${what}
`;
  parseDeployment(text, file);
  return text;
}

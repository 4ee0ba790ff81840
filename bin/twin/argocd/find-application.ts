import { ArgocdError, type TwinApplication } from './twin-application.ts';

/** A name that is not there is a 404 only for whoever names the project; to others Argo CD does not tell. */
export function findApplication(
  applications: readonly TwinApplication[],
  name: string,
  project?: string,
): TwinApplication {
  const found = applications.find(({ options }) => options.name === name);
  if (found !== undefined && (project === undefined || project === 'default')) return found;
  if (project === undefined) throw new ArgocdError('PermissionDenied', 'permission denied');
  throw new ArgocdError('NotFound', `applications.argoproj.io "${name}" not found`);
}

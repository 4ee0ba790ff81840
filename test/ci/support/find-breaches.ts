import { judgeDocument, judgeJobs } from './document-rules.ts';
import { jobsOf, type Kind, type Mapping, type System } from './pipelines.ts';
import { judgeScripts } from './script-rules.ts';

/** What a template does that it must not, in words; none for a template that holds to the policy. */
export function findBreaches(document: Mapping, kind: Kind, system: System): readonly string[] {
  const written = judgeDocument(document, kind);
  if (system === 'github' && JSON.stringify(document.permissions) !== '{}')
    written.push('the workflow has permissions of its own');
  // What is written wrongly may not even expand; it is mended first.
  if (written.length > 0) return written;

  const jobs = jobsOf(document, kind);
  return [...judgeJobs(jobs, system), ...judgeScripts(jobs, kind, system)];
}

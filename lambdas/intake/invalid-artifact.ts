import { ConveyorError } from '../domain/errors.ts';

/** Why a tarball is not taken in, as `data.code`, with what to do about it. The list is closed: records keep it. */
const FIXES = {
  empty: 'Upload a tarball with at least one file in it.',
  'not-gzip': 'Upload a .tar.gz, as conveyor push or tar -czf makes it.',
  truncated: 'Build and upload it again, and let the upload end.',
  corrupt: 'Build and upload it again.',
  'trailing-garbage': 'Upload the .tar.gz alone, with nothing appended.',
  'not-tar': 'Upload a tarball: gzip of a tar archive, not of anything else.',
  'too-large': 'Leave out of the build what the service does not need.',
  bomb: 'Leave out files that are mostly zeros or padding.',
  'too-many-entries':
    'Leave out of the build what the service does not need, or bundle small files.',
  'absolute-path': 'Make it with tar -C <folder> . or conveyor push, so that names are relative.',
  traversal: 'Make it from inside the folder, so that no name has .. in it.',
  'outside-link': 'Replace the link by what it points to, or make it point into the tarball.',
  device: 'Leave out devices, pipes and sockets.',
  setuid: 'Remove the bits (chmod -R u-s,g-s,-t) or capabilities, or use conveyor push.',
  'unsafe-name': 'Rename it with printable characters, in UTF-8.',
  duplicate: 'Make the tarball from one folder in one go, not with tar -r.',
  unsupported: 'Make it with conveyor push, or with tar --format=pax and without --sparse.',
} as const;

export type ArtifactDefect = keyof typeof FIXES;

export const ARTIFACT_DEFECTS = Object.keys(FIXES) as readonly ArtifactDefect[];

/** An uploaded tarball that will not be a release; `data.code` says why. Uploading it once more changes nothing. */
export class InvalidArtifact extends ConveyorError {
  readonly source = 'user';
}

export function invalidArtifact(
  code: ArtifactDefect,
  message: string,
  data: Readonly<Record<string, unknown>> = {},
): InvalidArtifact {
  return new InvalidArtifact(message, { data: { ...data, code }, fix: FIXES[code] });
}

import type { Commit, Signature, TreeEntry } from './bare-repository.ts';

/** Where things are, for the many links of GitHub's REST answers. */
export interface Places {
  readonly apiUrl: string;
  readonly webUrl: string;
  readonly owner: string;
  readonly name: string;
}

const REPOSITORY_LINKS =
  'archive:/{archive_format}{/ref} assignees:/assignees{/user} blobs:/git/blobs{/sha} branches:/branches{/branch} ' +
  'collaborators:/collaborators{/collaborator} comments:/comments{/number} commits:/commits{/sha} ' +
  'compare:/compare/{base}...{head} contents:/contents/{+path} contributors:/contributors ' +
  'deployments:/deployments downloads:/downloads events:/events forks:/forks git_commits:/git/commits{/sha} ' +
  'git_refs:/git/refs{/sha} git_tags:/git/tags{/sha} hooks:/hooks issue_comment:/issues/comments{/number} ' +
  'issue_events:/issues/events{/number} issues:/issues{/number} keys:/keys{/key_id} labels:/labels{/name} ' +
  'languages:/languages merges:/merges milestones:/milestones{/number} notifications:/notifications ' +
  'pulls:/pulls{/number} releases:/releases{/id} stargazers:/stargazers statuses:/statuses/{sha} ' +
  'subscribers:/subscribers subscription:/subscription tags:/tags teams:/teams trees:/git/trees{/sha}';
const USER_LINKS =
  'events followers following gists organizations received_events repos starred subscriptions';

export function userShape({ apiUrl, webUrl }: Places, login: string): object {
  const url = `${apiUrl}/users/${encodeURIComponent(login)}`;
  const links = USER_LINKS.split(' ').map((name) => [`${name}_url`, `${url}/${name}`]);
  return {
    login,
    id: 1,
    node_id: 'MDQ6VXNlcjE=',
    avatar_url: `${webUrl}/avatar`,
    gravatar_id: '',
    url,
    html_url: `${webUrl}/${login}`,
    ...Object.fromEntries(links),
    type: 'User',
    site_admin: false,
  };
}

/** `full-repository` of GitHub's OpenAPI. */
export function repositoryShape(places: Places, branch: string, head: Commit): object {
  const { apiUrl, webUrl, owner, name } = places;
  const url = `${apiUrl}/repos/${owner}/${name}`;
  const web = `${webUrl}/${owner}/${name}`;
  const links = REPOSITORY_LINKS.split(' ').map((link) => {
    const [label = '', path = ''] = link.split(/:(.*)/);
    return [`${label}_url`, `${url}${path}`];
  });
  const none = Object.fromEntries(
    'forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count network_count subscribers_count'
      .split(' ')
      .map((count) => [count, 0]),
  );
  const { date } = head.committer;
  return {
    id: 1,
    node_id: 'MDEwOlJlcG9zaXRvcnkx',
    name,
    full_name: `${owner}/${name}`,
    private: true,
    owner: userShape(places, owner),
    html_url: web,
    description: 'The Ledger',
    fork: false,
    url,
    ...Object.fromEntries(links),
    ...none,
    clone_url: `${web}.git`,
    git_url: `${web}.git`,
    ssh_url: `${web}.git`,
    svn_url: web,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    default_branch: branch,
    has_issues: false,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    created_at: date,
    updated_at: date,
    pushed_at: date,
    permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
  };
}

/** `commit` of GitHub's OpenAPI. */
export function commitShape(places: Places, commit: Commit): object {
  const { apiUrl, webUrl, owner, name } = places;
  const repository = `${apiUrl}/repos/${owner}/${name}`;
  const { oid, tree, parents, message, author, committer } = commit;
  const url = `${repository}/commits/${oid}`;
  return {
    sha: oid,
    node_id: Buffer.from(`Commit:${oid}`).toString('base64'),
    url,
    html_url: `${webUrl}/${owner}/${name}/commit/${oid}`,
    comments_url: `${url}/comments`,
    commit: {
      url: `${repository}/git/commits/${oid}`,
      author: gitUser(author),
      committer: gitUser(committer),
      message,
      tree: { sha: tree, url: `${repository}/git/trees/${tree}` },
      comment_count: 0,
    },
    author: userShape(places, author.name),
    committer: userShape(places, committer.name),
    parents: parents.map((sha) => ({ sha, url: `${repository}/commits/${sha}` })),
  };
}

/** `content-file` where the bytes are given, else an item of `content-directory`. */
export function contentShape(
  { apiUrl, webUrl, owner, name }: Places,
  { path, oid, type }: TreeEntry,
  ref: string,
  bytes?: Buffer,
): object {
  const repository = `${apiUrl}/repos/${owner}/${name}`;
  const url = `${repository}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const isFolder = type === 'tree';
  const git = `${repository}/git/${isFolder ? 'trees' : 'blobs'}/${oid}`;
  const html = `${webUrl}/${owner}/${name}/${isFolder ? 'tree' : 'blob'}/${ref}/${path}`;
  return {
    type: isFolder ? 'dir' : 'file',
    name: path.split('/').at(-1),
    path,
    sha: oid,
    size: bytes?.length ?? 0,
    url,
    git_url: git,
    html_url: html,
    download_url: isFolder ? null : `${webUrl}/${owner}/${name}/raw/${ref}/${path}`,
    _links: { self: url, git, html },
    ...(bytes && {
      encoding: 'base64',
      content: bytes.toString('base64').replaceAll(/.{60}/g, '$&\n'),
    }),
  };
}

function gitUser({ name, email, date }: Signature): object {
  return { name, email, date };
}

import type { ApplicationState, Deployments } from '../ports/argocd.ts';
export class HttpArgocd implements Deployments {
  constructor(private readonly options: { server: URL; token: string }) {}
  async application(_name: string): Promise<ApplicationState | undefined> {
    void this.options;
    return undefined;
  }
  async sync(): Promise<void> {}
}

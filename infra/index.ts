/** What an application of one's own may build on. */
export { readConfig } from './config.ts';
export { Conveyor, type ConveyorProps } from './conveyor.ts';
export { ConveyorEnvironment, type ConveyorEnvironmentProps } from './conveyor-environment.ts';
export { ServiceHost, type ServiceHostProps } from './service-host.ts';

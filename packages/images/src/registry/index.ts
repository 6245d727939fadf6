/** What talks to registries: loaded when the first one is spoken to. */
export { type Login, logIn, logOut } from './login.ts'
export { pullImage } from './pull.ts'
export { pushImage } from './push.ts'

/** The small part of s3rver that tests use; it comes without types. */
declare module 's3rver' {
  export default class S3rver {
    constructor(options: { [name: string]: unknown })
    run(): Promise<{ address: string; port: number }>
    close(): Promise<void>
  }
}

/** Where an object is. */
export interface ObjectLocation {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

/** An object as ListObjectsV2 tells of it. */
export interface ListedObject {
  readonly Etag: string;
  readonly Key: string;
  /** Epoch seconds. */
  readonly LastModified: number;
  readonly Size: number;
  readonly StorageClass: string;
}

/** The S3 that the readers and result writers of Distributed Maps work on. Whatever a method throws becomes the cause of the state's failure. */
export interface S3 {
  /** The bytes of an object, as they come. */
  getObject(object: ObjectLocation): Promise<AsyncIterable<Uint8Array>>;
  /** Every object whose key starts with the prefix, in the order of the keys. */
  listObjects(request: { readonly Bucket: string; readonly Prefix?: string }): AsyncIterable<ListedObject>;
  /** Writes an object; it is there once the promise resolves. */
  putObject(object: ObjectLocation, body: AsyncIterable<Uint8Array>): Promise<void>;
}

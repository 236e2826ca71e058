import type { Message } from '../../workspace/protocol.js'

type File = NonNullable<Message['files']>[number]

export function Files({ files }: { files: File[] }) {
  return (
    <div className="files">
      {files.map((file) =>
        file.mimetype.startsWith('image/') ? <Image key={file.id} file={file} /> : <Other key={file.id} file={file} />,
      )}
    </div>
  )
}

function Image({ file }: { file: File }) {
  return (
    <figure className="block-image">
      <figcaption>{file.title || file.name}</figcaption>
      <a href={file.url} target="_blank" rel="noreferrer">
        <img className="block-image-picture" src={file.url} alt={file.alt || file.title || file.name} />
      </a>
    </figure>
  )
}

function Other({ file }: { file: File }) {
  return (
    <a className="file" href={file.url} target="_blank" rel="noreferrer" download={file.name}>
      <span className="file-sign" aria-hidden="true">
        {(file.name.split('.').at(-1) ?? 'file').slice(0, 4)}
      </span>
      <span>
        <b>{file.title || file.name}</b>
        <small>{sizeOf(file.size)} · Download</small>
      </span>
    </a>
  )
}

function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

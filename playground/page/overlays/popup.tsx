import {
  autoUpdate,
  FloatingFocusManager,
  flip,
  offset,
  type Placement,
  shift,
  size,
  useClick,
  useDismiss,
  useFloating,
  useInteractions,
  useRole,
} from '@floating-ui/react'
import { type ComponentPropsWithRef, type ReactNode, useState } from 'react'

export type PopupProps = {
  label: string
  role: 'menu' | 'listbox' | 'dialog'
  placement?: Placement
  className?: string
  /** The button that opens it; spread the props onto it. */
  button: (props: ComponentPropsWithRef<'button'>, open: boolean) => ReactNode
  children: (close: () => void) => ReactNode
  onClose?: () => void
  /** As wide as its button, at least. */
  matchWidth?: boolean
}

/** A button with a panel that floats beside it, closes on Escape or a click elsewhere, and gives the focus back. */
export function Popup({
  label,
  role,
  placement = 'bottom-start',
  className,
  button,
  children,
  onClose,
  matchWidth,
}: PopupProps) {
  const [open, setOpen] = useState(false)
  const change = (next: boolean) => {
    setOpen(next)
    if (!next) onClose?.()
  }
  const { refs, floatingStyles, context } = useFloating({
    open,
    onOpenChange: change,
    placement,
    // Fixed and in place: a panel in a portal would lie below an open <dialog>, which is on the top layer.
    strategy: 'fixed',
    transform: false,
    whileElementsMounted: autoUpdate,
    middleware: [
      offset(4),
      flip({ padding: 8 }),
      shift({ padding: 8 }),
      size({
        padding: 8,
        apply: ({ availableHeight, rects, elements }) => {
          elements.floating.style.maxHeight = `${Math.max(160, Math.min(availableHeight, 360))}px`
          if (matchWidth) elements.floating.style.minWidth = `${rects.reference.width}px`
        },
      }),
    ],
  })
  const { getReferenceProps, getFloatingProps } = useInteractions([
    useClick(context),
    useDismiss(context),
    useRole(context, { role: role === 'listbox' ? 'dialog' : role }),
  ])
  return (
    <>
      {button({ ref: refs.setReference, ...getReferenceProps() }, open)}
      {open && (
        <FloatingFocusManager context={context} modal={false} initialFocus={-1}>
          <div
            ref={refs.setFloating}
            className={`popup ${className ?? ''}`}
            style={floatingStyles}
            {...getFloatingProps({
              'aria-label': label,
              onKeyDown: (event) => {
                // The dialog or thread around it would close too.
                if (event.key === 'Escape') event.preventDefault()
              },
            })}
          >
            {children(() => change(false))}
          </div>
        </FloatingFocusManager>
      )}
    </>
  )
}

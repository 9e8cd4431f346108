/** The value of a control of a form, wherever its element keeps it: `value`, the text of a `textarea`, the choice of a `select`. */
import { AsyncString } from './async-string.ts'
import type { AttributeValue } from './html-attributes.ts'

/** What is needed of an element. */
export interface Control extends AsyncString {
  readonly tag: string | null
  attr(name: string): string | true | undefined
  attr(name: string, value: AttributeValue): unknown
}

/** Undefined where nothing is said, and for a check box that is not checked. */
export function formValue(control: Control): string | undefined {
  if (control.tag === 'textarea') return textOf(control)
  if (control.tag === 'select') {
    const options = optionsOf(control)
    const chosen = options.find((option) => option.attr('selected') !== undefined) ?? options[0]
    return chosen === undefined ? undefined : optionValue(chosen)
  }
  if (isCheckable(control) && control.attr('checked') === undefined) return undefined
  return attribute(control, 'value') ?? (isCheckable(control) ? 'on' : undefined)
}

/** A check box or radio button is checked where its value is the one given; of a select, the option with the value is chosen. */
export function setFormValue(control: Control, value: string): void {
  if (control.tag === 'textarea') {
    control.removeAll()
    control.append(value)
  } else if (control.tag === 'select') {
    for (const option of optionsOf(control)) option.attr('selected', optionValue(option) === value)
  } else if (isCheckable(control)) control.attr('checked', (attribute(control, 'value') ?? 'on') === value)
  else control.attr('value', value)
}

function isCheckable(control: Control): boolean {
  const type = control.attr('type')
  return control.tag === 'input' && (type === 'checkbox' || type === 'radio')
}

function optionsOf(control: AsyncString): Control[] {
  return control.children.flatMap((child): Control[] => {
    if (!isControl(child)) return []
    return child.tag === 'option' ? [child] : optionsOf(child)
  })
}

/** HTML section 4.10.10: without the attribute, the text. */
function optionValue(option: Control): string {
  return attribute(option, 'value') ?? textOf(option).trim().replace(/\s+/g, ' ')
}

function textOf(control: Control): string {
  return control.children.filter((child) => typeof child === 'string' || typeof child === 'number').join('')
}

function attribute(control: Control, name: string): string | undefined {
  const value = control.attr(name)
  return value === true ? '' : value
}

function isControl(child: unknown): child is Control {
  return child instanceof AsyncString && 'tag' in child && 'attr' in child
}

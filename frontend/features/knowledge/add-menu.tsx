'use client'

import { ChevronDown, ClipboardType, FileText, Folder, Globe, Network, Rss, Upload } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuSeparator } from '../../ui/menu.tsx'

export type AddWay = 'files' | 'folder' | 'text' | 'url' | 'site' | 'feed'

/** The usual way as a button, all others behind it. */
export function AddMenu({ onAdd }: { onAdd: (way: AddWay) => void }) {
  return (
    <div className="flex">
      <Button look="primary" className="rounded-r-none" onClick={() => onAdd('files')}>
        <Upload aria-hidden className="size-4" />
        Add files
      </Button>
      <Menu
        trigger={
          <Button
            look="primary"
            aria-label="Other ways to add"
            className="rounded-l-none border-l border-on-accent/30 px-2"
          >
            <ChevronDown aria-hidden className="size-4" />
          </Button>
        }
      >
        <MenuItem onSelect={() => onAdd('files')}>
          <FileText aria-hidden />
          Files
        </MenuItem>
        <MenuItem onSelect={() => onAdd('folder')}>
          <Folder aria-hidden />
          Folder
        </MenuItem>
        <MenuItem onSelect={() => onAdd('text')}>
          <ClipboardType aria-hidden />
          Paste text
        </MenuItem>
        <MenuSeparator />
        <MenuItem onSelect={() => onAdd('url')}>
          <Globe aria-hidden />
          Web page
        </MenuItem>
        <MenuItem onSelect={() => onAdd('site')}>
          <Network aria-hidden />
          Web site
        </MenuItem>
        <MenuItem onSelect={() => onAdd('feed')}>
          <Rss aria-hidden />
          Feed
        </MenuItem>
      </Menu>
    </div>
  )
}

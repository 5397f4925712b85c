// Colours of the release: water and paper before 2.0, lacquer and gold since.
#ifndef THEME_H
#define THEME_H

#include "draw.h"
#include "version.h"

#if VERSION >= VERSION_OF(2, 0, 0)
#include "settings.h"
#define THEME_BAR COLOUR(0x17151F)
#define THEME_BAR_TEXT COLOUR(0xE9E2D0)
#define THEME_TITLE COLOUR(0x2A2638)
#define THEME_TITLE_TEXT settings_accent()
#define THEME_PAGE COLOUR(0x1E1B29)
#define THEME_TEXT COLOUR(0xECE6D8)
#define THEME_FAINT COLOUR(0x8D87A0)
#define THEME_LINE COLOUR(0x37324A)
#define THEME_MARK settings_accent()
#define THEME_MARK_TEXT COLOUR(0x17151F)
#define THEME_LINK COLOUR(0x84B5AE)
#else
#define THEME_BAR COLOUR(0x16324F)
#define THEME_BAR_TEXT COLOUR(0xFFFFFF)
#define THEME_TITLE COLOUR(0x2F6DB5)
#define THEME_TITLE_TEXT COLOUR(0xFFFFFF)
#define THEME_PAGE COLOUR(0xF7F3EA)
#define THEME_TEXT COLOUR(0x1B1F2A)
#define THEME_FAINT COLOUR(0x6B7280)
#define THEME_LINE COLOUR(0xD9D2C2)
#define THEME_MARK COLOUR(0xF2C14E)
#define THEME_MARK_TEXT COLOUR(0x1B1F2A)
#define THEME_LINK COLOUR(0x1F5FA8)
#endif
#define THEME_WARNING COLOUR(0xD8433B)
#define THEME_GOOD COLOUR(0x3FA15C)

#endif

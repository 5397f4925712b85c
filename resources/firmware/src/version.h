// The build gives the three numbers; sources ask for VERSION.
#ifndef VERSION_H
#define VERSION_H

#define VERSION_OF(major, minor, revision) ((major)*10000 + (minor)*100 + (revision))
#define VERSION VERSION_OF(VERSION_MAJOR, VERSION_MINOR, VERSION_REVISION)
#define VERSION_STRING(value) #value
#define VERSION_JOIN(major, minor, revision)                                                      \
  VERSION_STRING(major) "." VERSION_STRING(minor) "." VERSION_STRING(revision)
#define VERSION_TEXT VERSION_JOIN(VERSION_MAJOR, VERSION_MINOR, VERSION_REVISION)

#endif

/* codec_schema: the JSON Schema of each kind of object, taken from the code that reads it. */
#ifndef MERIDIAN_DB_CODEC_SCHEMA_H
#define MERIDIAN_DB_CODEC_SCHEMA_H

#include "db/codec.h"

/* Of KIND, in the form of the document; the caller owns the reference. */
json_t *codec_schema(enum kind kind);

#endif

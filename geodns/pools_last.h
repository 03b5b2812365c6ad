/*
 * pools_last: with what a pool served last, for on_all_down "serve_last" (pure but for the pool).
 */
#ifndef MERIDIAN_GEODNS_POOLS_LAST_H
#define MERIDIAN_GEODNS_POOLS_LAST_H

#include "geodns/pools.h"

/*
 * To be called when POOL was judged. COULD: it could serve when it was judged before; IS_NEW: it
 * was not judged before. Keeps POOL's served_until and its endpoints' served_last in step.
 */
void pools_last_note(struct pool_live *pool, bool could, bool is_new,
		     const struct pools_view *view);

#endif

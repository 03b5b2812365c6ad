/* Knows the haversine formula, which stays exact for near points, across the antimeridian and at
 * the poles. */
#include "geodns/distance.h"

#include <math.h>

static double radians(double degrees)
{
	return degrees * (M_PI / 180);
}

double distance_km(double lat1, double lon1, double lat2, double lon2)
{
	static const double earth_radius_km = 6371.0088;
	double by_lat = sin(radians(lat2 - lat1) / 2), by_lon = sin(radians(lon2 - lon1) / 2);
	double haversine =
		by_lat * by_lat + cos(radians(lat1)) * cos(radians(lat2)) * by_lon * by_lon;
	/* Rounding may carry antipodes a hair beyond 1. */
	return 2 * earth_radius_km * asin(sqrt(fmin(haversine, 1)));
}

/*
 * distance: how far two places on Earth are from each other (great circle).
 */
#ifndef MERIDIAN_GEODNS_DISTANCE_H
#define MERIDIAN_GEODNS_DISTANCE_H

/* Kilometres on a sphere of 6371.0088 km (IUGG mean radius), 0..20015.2; degrees in. */
double distance_km(double lat1, double lon1, double lat2, double lon2);

#endif

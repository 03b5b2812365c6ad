/*
 * responder: the process of this machine's own responder, watched for its end.
 *
 * Its end proves nothing (another may have taken over): it only makes the probes come at once.
 */
#ifndef MERIDIAN_BGPCTL_RESPONDER_H
#define MERIDIAN_BGPCTL_RESPONDER_H

/*
 * A pidfd of whoever listens at the control socket PATH: readable when that process has ended. The
 * caller closes it. -1 where nobody listens or the kernel does not say who.
 */
int responder_watch(const char *path);

#endif

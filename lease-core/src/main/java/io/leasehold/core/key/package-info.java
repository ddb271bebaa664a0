/**
 * The key space: multi-version keys that hang on leases, the transactions that change them, and the
 * port to their storage.
 *
 * <p>Revisions count the commands that changed a key, from 1 for a key space to which nothing was
 * ever written, as in etcd.
 */
@NullMarked
package io.leasehold.core.key;

import org.jspecify.annotations.NullMarked;

/**
 * The domain of Leasehold: leases, the keys that hang on them, the commands that change both, the
 * state machine that applies the commands, and the lessor that decides when a lease ends.
 *
 * <p>Depends on the JDK alone. Storage, time and the replicated log come in through the small
 * interfaces {@link io.leasehold.core.state.StateStore}, {@link io.leasehold.core.key.KeyStore},
 * {@link io.leasehold.core.time.NanoClock} and {@link io.leasehold.core.log.CommandLog}. Reading
 * order: {@code command}, {@code state}, {@code lease}, {@code key}, {@code lessor}.
 */
@NullMarked
package io.leasehold.core;

import org.jspecify.annotations.NullMarked;

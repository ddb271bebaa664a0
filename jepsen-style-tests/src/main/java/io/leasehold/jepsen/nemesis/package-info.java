/**
 * What breaks clusters, when, and how it is mended. Entry class: {@link
 * io.leasehold.jepsen.nemesis.Nemesis}, which carries out a {@link
 * io.leasehold.jepsen.nemesis.Schedule} of {@link io.leasehold.jepsen.nemesis.FaultKind}s.
 */
@NullMarked
package io.leasehold.jepsen.nemesis;

import org.jspecify.annotations.NullMarked;

/**
 * Tests of whole clusters: members run as processes of their own and are killed, frozen, wiped and
 * restarted. Entry class: {@link io.leasehold.cluster.Cluster}. Nothing here uses a class of the
 * product other than the generated ones of the client interface.
 */
@NullMarked
package io.leasehold.cluster;

import org.jspecify.annotations.NullMarked;

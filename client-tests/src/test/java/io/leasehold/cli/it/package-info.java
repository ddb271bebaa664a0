/** leasectl beside the real etcdctl, and as a process among processes. */
@NullMarked
package io.leasehold.cli.it;

import org.jspecify.annotations.NullMarked;

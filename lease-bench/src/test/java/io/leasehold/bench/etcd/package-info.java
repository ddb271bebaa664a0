/** Tests of the package of the same name. */
@NullMarked
package io.leasehold.bench.etcd;

import org.jspecify.annotations.NullMarked;

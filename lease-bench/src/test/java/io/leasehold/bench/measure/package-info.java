/** Tests of the package of the same name. */
@NullMarked
package io.leasehold.bench.measure;

import org.jspecify.annotations.NullMarked;

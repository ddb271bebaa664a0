/** Tests of the program as a whole. */
@NullMarked
package io.leasehold.bench;

import org.jspecify.annotations.NullMarked;

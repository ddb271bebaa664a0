/** Which module may know which, checked over the classes of all of them. */
@NullMarked
package io.leasehold.layers;

import org.jspecify.annotations.NullMarked;

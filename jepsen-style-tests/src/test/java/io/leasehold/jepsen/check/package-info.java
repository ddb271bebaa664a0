/** Each checker on histories that are known to be good, and known to be bad. */
@NullMarked
package io.leasehold.jepsen.check;

import org.jspecify.annotations.NullMarked;

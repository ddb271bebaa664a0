@NullMarked
package io.leasehold.jepsen.bugs;

import org.jspecify.annotations.NullMarked;

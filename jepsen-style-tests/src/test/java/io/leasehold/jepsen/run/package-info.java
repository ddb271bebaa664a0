@NullMarked
package io.leasehold.jepsen.run;

import org.jspecify.annotations.NullMarked;

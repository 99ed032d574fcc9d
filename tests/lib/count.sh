# How many tests a log tells of. Sourced by tests/run; checked by tests/lint (count.test.mjs).
# shellcheck shell=bash

# count_results LOG STATUS: sets count_passed and count_failed. Known: a closing line "N passed, N failed", node's test
# runner (tap or spec), and ctest with cmocka inside. A command that failed without a failing test, or that
# succeeded without any test, counts as one failure: silence is never a success.
count_results() {
    local log=$1 status=$2 numbers
    numbers=$(awk '
        # Closing line of our own runners; the last one counts.
        /^[0-9]+ passed, [0-9]+ failed/ { own = 1; own_passed = $1; own_failed = $3 }
        # node --test
        /^(#|ℹ) pass [0-9]+$/ { node = 1; node_passed += $3 }
        /^(#|ℹ) (fail|cancelled) [0-9]+$/ { node_failed += $3 }
        # ctest: a program that says nothing about its tests is one test, one that dies loses what it did not say.
        /^Start testing:/ { ctest = 1 }
        ctest && /^\[  PASSED  \] [0-9]+ test/ { in_passed += $4; told = 1 }
        ctest && /^\[  FAILED  \] [0-9]+ test/ { in_failed += $4; told = 1 }
        ctest && /^Unable to find executable/ { lost = 1 }
        ctest && /^Test Passed\.$/ && !lost { ctest_passed += told ? in_passed : 1; in_passed = in_failed = told = 0 }
        ctest && (/^Test Failed\.$/ || /^Test Passed\.$/ && lost) {
            ctest_passed += in_passed; ctest_failed += in_failed > 0 ? in_failed : 1; in_passed = in_failed = told = lost = 0
        }
        END {
            if (own) print own_passed, own_failed
            else if (node) print node_passed, node_failed + 0
            else if (ctest) print ctest_passed + 0, ctest_failed + 0
            else print 0, 0
        }' "$log")
    count_passed=${numbers% *} count_failed=${numbers#* }
    if [ "$status" != 0 ] && [ "$count_failed" = 0 ]; then
        count_failed=1
    elif [ "$status" = 0 ] && [ "$((count_passed + count_failed))" = 0 ]; then
        count_failed=1
    fi
}

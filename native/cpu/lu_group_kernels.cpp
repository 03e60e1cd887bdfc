#include "lu_group.h"

#include "lu_group_factor.h"
#include "lu_group_solve.h"

namespace pushforward::PF_PATH {
namespace {

void factor(const LuFactorTask& group, float* scratch) { GroupFactor(group.n, scratch).run(group); }

size_t solve_scratch(size_t n, size_t columns) { return group_solve_scratch(n, columns); }

void solve(const SolveTask& group, float* scratch) { group_solve(group, scratch); }

}  // namespace

const LuGroupKernels lu_group_kernels = {kWidth, GroupFactor::scratch, solve_scratch, factor,
                                         solve};

}  // namespace pushforward::PF_PATH

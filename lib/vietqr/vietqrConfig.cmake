# find_package(vietqr): vietqr::vietqr (shared) and vietqr::vietqr_static
include(${CMAKE_CURRENT_LIST_DIR}/vietqrTargets.cmake)
